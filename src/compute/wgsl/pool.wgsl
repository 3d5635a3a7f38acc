fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let pitch = (sizes.input_width + 2u) * sizes.channels;
  let at = (2u * row - 1u) * pitch + (2u * column - 1u) * sizes.channels + channel;
  let a = x[at];
  let b = x[at + sizes.channels];
  let c = x[at + pitch];
  let d = x[at + pitch + sizes.channels];
  note(((row - 1u) * sizes.width + column - 1u) * sizes.channels + channel, a, b, c, d);
  if (AVERAGE) { return (a + b + c + d) * AVERAGE_SHARE; }
  return max(max(a, b), max(c, d));
}
