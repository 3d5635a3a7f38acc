fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let down = around(row - 1u, sizes.height, sizes.input_height);
  let right = around(column - 1u, sizes.width, sizes.input_width);
  var sum = vec4f();
  for (var i = down.x; i <= down.y; i++) {
    let high = share_of(row - 1u, sizes.height, i, sizes.input_height);
    if (high == 0.0) { continue; }
    for (var j = right.x; j <= right.y; j++) {
      let wide = share_of(column - 1u, sizes.width, j, sizes.input_width);
      if (wide > 0.0) { sum += high * wide * pixel(i, j, channel); }
    }
  }
  return sum;
}
