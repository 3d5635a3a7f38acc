// Notes which of four values their pooled one's gradient goes to, a bit each.
fn note(at: u32, a: vec4f, b: vec4f, c: vec4f, d: vec4f) {
  let bits = takers(a, b, c, d);
  places[at] = bits.x | (bits.y << 8u) | (bits.z << 16u) | (bits.w << 24u);
}

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
