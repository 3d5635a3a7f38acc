// `rates` holds the learning rate by the first correction, and one by the second.
fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  let deviation = sqrt(moments[index + sizes.count] * rates[1]) + sizes.epsilon;
  result[index] = clamp(image[index] - rates[0] * moments[index] / deviation, 0.0, 1.0);
}
