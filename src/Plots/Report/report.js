'use strict';
// Tables of levels: sorted by the buttons of their headers, and searched. Without this script they are plain tables in the order of the data.
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const text = (row, column) => row.cells[column].textContent;
  const number = cell => { const value = parseFloat(cell.replace(/,/g, '')); return Number.isNaN(value) ? -Infinity : value; };
  const headers = Array.from(table.tHead.rows[0].cells);
  headers.forEach((header, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...header.childNodes);
    header.append(button);
    const isNumeric = header.classList.contains('right');
    button.addEventListener('click', () => {
      const isUp = header.getAttribute('aria-sort') !== 'ascending';
      headers.forEach(other => other.removeAttribute('aria-sort'));
      header.setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
      const compare = isNumeric
        ? (a, b) => number(text(a, column)) - number(text(b, column))
        : (a, b) => text(a, column).localeCompare(text(b, column), 'en', { numeric: true });
      rows.sort((a, b) => isUp ? compare(a, b) : compare(b, a));
      body.append(...rows);
    });
  });
  const label = document.createElement('label');
  label.className = 'search';
  label.textContent = 'Search ' + table.dataset.what + ':';
  const input = document.createElement('input');
  input.type = 'search';
  const count = document.createElement('span');
  count.className = 'note';
  count.setAttribute('role', 'status');
  label.append(input, ' ', count);
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !text(row, 0).toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = wanted === '' ? '' : shown + ' of ' + rows.length;
  });
  table.closest('.levels').before(label);
}
// Paper has no buttons: what is folded is shown.
let folded = [];
addEventListener('beforeprint', () => {
  folded = Array.from(document.querySelectorAll('details:not([open])'));
  folded.forEach(details => { details.open = true; });
});
addEventListener('afterprint', () => folded.forEach(details => { details.open = false; }));
