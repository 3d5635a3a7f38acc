// `rates` holds the learning rate by the first correction, and one by the second.
fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  let g = gradient[index];
  let first = mix(g, before[index], sizes.first);
  let second = mix(g * g, before[index + sizes.count], sizes.second);
  moments[index] = first;
  moments[index + sizes.count] = second;
  let deviation = sqrt(second * rates[1]) + sizes.epsilon;
  result[index] = clamp(image[index] - rates[0] * first / deviation, 0.0, 1.0);
}
