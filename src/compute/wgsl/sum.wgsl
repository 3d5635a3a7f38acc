fn invoke(index: u32) {
  for (var i = index; i < sizes.kept; i += PARTS) { result[i] = before_at(i); }
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += PARTS) { sum += term(a[i], b[i]); }
  result[sizes.kept + index] = sum;
}
