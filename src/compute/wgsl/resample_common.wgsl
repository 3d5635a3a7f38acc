// Where a pixel of a line of `count` lies in one of `length` pixels.
fn place_in(at: u32, count: u32, length: u32) -> f32 {
  let place = (f32(at) + 0.5) * f32(length) / f32(count) - 0.5;
  return clamp(place, 0.0, f32(length) - 1.0);
}

fn pixel(row: u32, column: u32, channel: u32) -> vec4f {
  return x[((row + 1u) * (sizes.input_width + 2u) + column + 1u) * sizes.channels + channel];
}
