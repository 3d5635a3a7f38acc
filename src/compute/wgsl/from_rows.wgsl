fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let at = ((row - 1u) * sizes.width + column - 1u) * sizes.channels + channel;
  return sizes.scale * (a[sizes.a_at + at] - b[sizes.b_at + at] + mean[channel] - goal[channel]);
}
