fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let down = place_in(row - 1u, sizes.height, sizes.input_height);
  let right = place_in(column - 1u, sizes.width, sizes.input_width);
  let top = u32(down);
  let left = u32(right);
  let bottom = min(top + 1u, sizes.input_height - 1u);
  let last = min(left + 1u, sizes.input_width - 1u);
  let share = right - f32(left);
  let upper = mix(pixel(top, left, channel), pixel(top, last, channel), share);
  let lower = mix(pixel(bottom, left, channel), pixel(bottom, last, channel), share);
  return mix(upper, lower, down - f32(top));
}
