fn invoke(index: u32) {
  let slice = index / sizes.channels;
  if (slice >= sizes.slices) { return; }
  var sum = vec4f();
  for (var row = slice * sizes.slice_rows; row < min((slice + 1u) * sizes.slice_rows, sizes.rows); row++) {
    sum += maps[row * sizes.channels + index % sizes.channels];
  }
  result[index] = sizes.scale * sum;
}
