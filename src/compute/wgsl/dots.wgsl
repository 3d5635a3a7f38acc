// The sum over a part of the values of a pair: the part of this number, by this one of so many invocations.
fn part_of(number: u32, own: u32, invocations: u32) -> f32 {
  let row = number / PARTS;
  let places = sizes.rows[row].places;
  let second = sizes.rows[row].in_second;
  let count = sizes.rows[row].rows * sizes.rows[row].columns;
  var sum = 0.0;
  for (var i = number % PARTS * invocations + own; i < count; i += PARTS * invocations) {
    sum += dot(either((second & 1u) != 0u, places.x + i), either((second & 2u) != 0u, places.y + i));
  }
  return sum;
}
