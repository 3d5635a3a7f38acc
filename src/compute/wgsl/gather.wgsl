fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let place = u32(places[(row - 1u) * sizes.width + column - 1u]);
  let at = (place / sizes.input_width + 1u) * (sizes.input_width + 2u) + place % sizes.input_width + 1u;
  return x[at * sizes.channels + channel];
}
