var<workgroup> values: array<f32, GROUP>;
var<workgroup> places: array<u32, GROUP>;

fn invoke_group(row: u32, local: u32) {
  var value = -3.0e38;
  var place = 0u;
  if (row < sizes.rows) {
    for (var column = local; column < sizes.columns; column += GROUP) {
      let found = products[row * sizes.pitch + column] * scales[sizes.first + column];
      if (found > value) {
        value = found;
        place = column;
      }
    }
  }
  values[local] = value;
  places[local] = place;
  workgroupBarrier();
  for (var half = GROUP / 2u; half > 0u; half /= 2u) {
    if (local < half) {
      let other = values[local + half];
      // Of equal ones the first, whoever found it.
      if (other > values[local] || (other == values[local] && places[local + half] < places[local])) {
        values[local] = other;
        places[local] = places[local + half];
      }
    }
    workgroupBarrier();
  }
  if (local == 0u && row < sizes.rows && values[0] > result[row]) {
    result[row] = values[0];
    result[sizes.rows + row] = f32(sizes.first + places[0]);
  }
}
