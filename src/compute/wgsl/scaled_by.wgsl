fn invoke(index: u32) {
  if (index >= sizes.count) { return; }
  var sum = 0.0;
  for (var i = 0u; i < sizes.parts; i++) { sum += sums[i]; }
  let row = 4u * index / sizes.columns;
  let first = 4u * index % sizes.columns;
  let own = vec4u(row) == vec4u(first, first + 1u, first + 2u, first + 3u);
  let diagonal = select(vec4f(), vec4f(sizes.shift), own);
  result[index] = x[index] * pow(max(sum, 1e-30), sizes.power) + diagonal;
}
