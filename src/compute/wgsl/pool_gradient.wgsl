fn value_at(row: u32, column: u32, channel: u32) -> vec4f {
  let index = (row * (sizes.width + 2u) + column) * sizes.channels + channel;
  let value = below[index];
  var sum = tap_at(index);
  if (in_block(row, column)) {
    let g = gradient_at(row, column, channel);
    if (AVERAGE) {
      sum += g * AVERAGE_SHARE;
    } else {
      sum += select(vec4f(), g, is_first(value, row, column, channel));
    }
  }
  return select(vec4f(), sum, value > vec4f());
}

// Whether a value is the maximum of its block. The first of equal maxima takes all; whether one comes earlier depends on
// the place in the block.
fn is_first(value: vec4f, row: u32, column: u32, channel: u32) -> vec4<bool> {
  let pitch = sizes.width + 2u;
  let base = ((2u * pooled(row) - 1u) * pitch + 2u * pooled(column) - 1u) * sizes.channels + channel;
  let a = below[base];
  let b = below[base + sizes.channels];
  let c = below[base + pitch * sizes.channels];
  let d = below[base + (pitch + 1u) * sizes.channels];
  let place = place_in_block(row, column);
  let top = max(max(a, b), max(c, d));
  var first = value == top;
  if (place > 0u) { first = first & (a != top); }
  if (place > 1u) { first = first & (b != top); }
  if (place > 2u) { first = first & (c != top); }
  return first;
}
