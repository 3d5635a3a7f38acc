fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  var value = vec4f();
  if (in_block(row, column)) {
    let word = places[((pooled(row) - 1u) * (sizes.width / 2u) + pooled(column) - 1u) * sizes.channels + channel];
    let bits = (vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) >> vec4u(place_in_block(row, column));
    let share = select(1.0, AVERAGE_SHARE, AVERAGE);
    value = select(vec4f(), gradient_at(row, column, channel) * share, (bits & vec4u(1u)) == vec4u(1u));
  }
  return value;
}
