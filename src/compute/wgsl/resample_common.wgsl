// The share that pixel `other` of `length` has in pixel `at` of `count`: of what that covers where those are fewer, else by how near
// it is.
fn share_of(other: u32, length: u32, at: u32, count: u32) -> f32 {
  let each = f32(length) / f32(count);
  if (count < length) {
    let start = f32(at) * each;
    return max(min(start + each, f32(other) + 1.0) - max(start, f32(other)), 0.0) / each;
  }
  let place = clamp((f32(at) + 0.5) * each - 0.5, 0.0, f32(length) - 1.0);
  return max(1.0 - abs(place - f32(other)), 0.0);
}

// The first and the last of `length` pixels that may be within reach of pixel `at` of `count`.
fn around(at: u32, count: u32, length: u32) -> vec2u {
  let each = f32(length) / f32(count);
  let first = max(floor((f32(at) - 0.5) * each - 0.5), 0.0);
  let last = clamp(ceil((f32(at) + 1.5) * each - 0.5), 0.0, f32(length) - 1.0);
  return vec2u(u32(first), u32(last));
}

fn pixel(row: u32, column: u32, channel: u32) -> vec4f {
  return x[((row + 1u) * (sizes.input_width + 2u) + column + 1u) * sizes.channels + channel];
}
