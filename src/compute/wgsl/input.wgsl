fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let plane = sizes.height * sizes.width;
  let at = (row - 1u) * sizes.width + column - 1u;
  return vec4f(image[at], image[plane + at], image[2u * plane + at], 0.0) - sizes.mean;
}
