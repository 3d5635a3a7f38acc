// What stands for a place along a side, at most one beyond it: there or, where edges meet, at the other one.
fn beyond(place: i32, side: i32, meet: bool) -> i32 {
  return select(clamp(place, 0, side - 1), (place + side) % side, meet);
}

// The gradient at a value.
fn gradient_at(index: u32) -> f32 {
  let height = i32(sizes.height);
  let width = i32(sizes.width);
  let plane = height * width;
  let start = i32(index) / plane * plane;
  let y = (i32(index) - start) / width;
  let x = (i32(index) - start) % width;
  let bottom = height - 1;
  let right = width - 1;
  let value = image[index];
  var straight = 0.0;
  let rows_meet = sizes.rows == 1u;
  let columns_meet = sizes.columns == 1u;
  let row = start + y * width;
  straight += value - image[row + beyond(x - 1, width, columns_meet)];
  straight += value - image[row + beyond(x + 1, width, columns_meet)];
  straight += value - image[start + beyond(y - 1, height, rows_meet) * width + x];
  straight += value - image[start + beyond(y + 1, height, rows_meet) * width + x];
  // The padded places this value stands for, counted from -1 to the side's length.
  var diagonal = 0.0;
  let first_y = select(y, -1, y == 0 && !rows_meet);
  let last_y = select(y, bottom + 1, y == bottom && !rows_meet);
  let first_x = select(x, -1, x == 0 && !columns_meet);
  let last_x = select(x, right + 1, x == right && !columns_meet);
  for (var py = first_y; py <= last_y; py++) {
    for (var px = first_x; px <= last_x; px++) {
      for (var corner = 0; corner < 4; corner++) {
        let ny = py + (corner & 1) * 2 - 1;
        let nx = px + (corner >> 1) * 2 - 1;
        if (ny >= -1 && ny <= bottom + 1 && nx >= -1 && nx <= right + 1) {
          diagonal += value - image[start + beyond(ny, height, rows_meet) * width + beyond(nx, width, columns_meet)];
        }
      }
    }
  }
  return straight * sizes.straight + diagonal * sizes.diagonal;
}

fn invoke(index: u32) {
  var sum = 0.0;
  for (var i = index; i < sizes.count; i += INVOCATIONS) {
    let gradient = gradient_at(i);
    sum += gradient * image[i];
    result[i] = gradient + other_at(i);
  }
  leave(sum, index);
}
