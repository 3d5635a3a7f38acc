// The first and the last of `count` pixels that may lie within a pixel of this one of `length`.
fn near(at: u32, count: u32, length: u32) -> vec2u {
  let each = f32(count) / f32(length);
  let first = max(floor((f32(at) - 0.5) * each - 0.5), 0.0);
  let last = clamp(ceil((f32(at) + 1.5) * each - 0.5), 0.0, f32(count) - 1.0);
  return vec2u(u32(first), u32(last));
}

fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let down = near(row - 1u, sizes.input_height, sizes.height);
  let right = near(column - 1u, sizes.input_width, sizes.width);
  var sum = vec4f();
  for (var i = down.x; i <= down.y; i++) {
    let high = 1.0 - abs(place_in(i, sizes.input_height, sizes.height) - f32(row - 1u));
    if (high <= 0.0) { continue; }
    for (var j = right.x; j <= right.y; j++) {
      let wide = 1.0 - abs(place_in(j, sizes.input_width, sizes.width) - f32(column - 1u));
      if (wide > 0.0) { sum += high * wide * pixel(i, j, channel); }
    }
  }
  return sum;
}
