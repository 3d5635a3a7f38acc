fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let pixel = (row - 1u) * sizes.width + column - 1u;
  let at = (row * (sizes.width + 2u) + column) * sizes.channels + channel;
  let itself = mixture[sizes.height * sizes.width + pixel];
  return sizes.weight * (mixture[pixel] * y[at] + itself * (x[at] - centre[channel]));
}
