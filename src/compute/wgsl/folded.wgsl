// The tile of this number among those on and above the diagonal of a matrix of so many tiles a side: two rows of them are
// folded into one of the same length as all others.
fn folded(number: u32, side: u32) -> vec2u {
  let odd = side & 1u;
  let length = side + 1u - odd;
  let fold = number / length % ((side + 1u) / 2u);
  let place = number % length;
  let first = place + odd > fold;
  return vec2u(
    select(side - 1u - fold + odd, fold, first),
    select(side - 1u - place, place - 1u + odd, first));
}
