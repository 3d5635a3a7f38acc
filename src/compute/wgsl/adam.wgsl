// `rates` holds the learning rate by the first correction, and one by the second.
fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  var first_before = 0.0;
  var second_before = 0.0;
  if (sizes.is_fresh == 0u) {
    first_before = before[index];
    second_before = before[index + sizes.count];
  }
  let g = gradient[index];
  let square = g * g;
  // The host hears too late of a loss that is not finite: nothing follows such a gradient, nor one of 2⁶⁴ or more, whose square is
  // infinite. It is told by the bits of what was read: compilers may take what is computed, or compared as numbers, for finite.
  if ((bitcast<u32>(gradient[index]) & 0x7fffffffu) >= 0x5f800000u) {
    moments[index] = first_before;
    moments[index + sizes.count] = second_before;
    result[index] = image[index];
    return;
  }
  let first = mix(g, first_before, sizes.first);
  let second = mix(square, second_before, sizes.second);
  moments[index] = first;
  moments[index + sizes.count] = second;
  let deviation = sqrt(second * rates[1]) + sizes.epsilon;
  result[index] = clamp(image[index] - rates[0] * first / deviation, 0.0, 1.0);
}
