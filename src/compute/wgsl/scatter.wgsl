fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let wanted = (row - 1u) * sizes.width + column - 1u;
  var low = 0u;
  var high = sizes.count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (u32(places[middle]) < wanted) { low = middle + 1u; } else { high = middle; }
  }
  var value = vec4f();
  if (low < sizes.count && u32(places[low]) == wanted) {
    let at = (low / sizes.columns + 1u) * (sizes.columns + 2u) + low % sizes.columns + 1u;
    value = x[at * sizes.channels + channel];
  }
  return value;
}
