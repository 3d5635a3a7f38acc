fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let product = products[i];
    let square = max(products[sizes.count + i], 1e-12);
    let share = reach[i] / sqrt(square);
    sum += share * product;
    result[i] = -sizes.factor * share;
    result[sizes.count + i] = sizes.factor * share * product / square;
  }
  leave(sum, index);
}
