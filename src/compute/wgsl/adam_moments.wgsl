fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  let g = gradient[index];
  result[index] = mix(g, moments[index], sizes.first);
  result[index + sizes.count] = mix(g * g, moments[index + sizes.count], sizes.second);
}
