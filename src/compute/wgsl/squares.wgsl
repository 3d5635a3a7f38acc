fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += PARTS) { sum += a[i] * a[i]; }
  result[index] = sum;
}
