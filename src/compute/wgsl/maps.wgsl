// The frame of kernels that make packed maps: an invocation per four channels of a pixel, border counted.

fn invoke(index: u32) {
  let channel = index % sizes.channels;
  let column = index / sizes.channels % (sizes.width + 2u);
  let row = index / sizes.channels / (sizes.width + 2u);
  if (row > sizes.height + 1u) { return; }
  var value = vec4f();
  if (row > 0u && row <= sizes.height && column > 0u && column <= sizes.width) {
    value = value_at(row, column, channel);
  }
  result[index] = value;
}
