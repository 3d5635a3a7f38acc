fn invoke(index: u32) {
  if (index >= sizes.height * sizes.width * sizes.channels) { return; }
  let channel = index % sizes.channels;
  let column = index / sizes.channels % sizes.width;
  let row = index / sizes.channels / sizes.width;
  let pitch = (sizes.input_width + 2u) * sizes.channels;
  let at = (2u * row + 1u) * pitch + (2u * column + 1u) * sizes.channels + channel;
  let bits = takers(x[at], x[at + sizes.channels], x[at + pitch], x[at + pitch + sizes.channels]);
  result[index] = bits.x | (bits.y << 8u) | (bits.z << 16u) | (bits.w << 24u);
}

// Which of four values their pooled one's gradient goes to, a bit each.
fn takers(a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> vec4u {
  let zero = vec4f();
  if (AVERAGE) {
    return vec4u(a > zero) + 2u * vec4u(b > zero) + 4u * vec4u(c > zero) + 8u * vec4u(d > zero);
  }
  // The first of equal maxima takes all, and none where the maximum is zero, for such maps are masked.
  let top = max(max(a, b), max(c, d));
  var taker = select(vec4u(), vec4u(8u), d == top);
  taker = select(taker, vec4u(4u), c == top);
  taker = select(taker, vec4u(2u), b == top);
  taker = select(taker, vec4u(1u), a == top);
  return select(vec4u(), taker, top > zero);
}
