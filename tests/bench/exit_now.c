// SPDX-License-Identifier: MIT
// A child that exits at once: what is left of a run's time is the harness' own.
int main(void) {
  return 0;
}
