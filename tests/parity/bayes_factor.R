# Writes bayes_factor.json: JZS Bayes factors by numerical integration. Run in tests/parity: Rscript bayes_factor.R
library(jsonlite)
bf <- function(t, n1, n2, r) {
  N <- if (n2 == 0) n1 else n1 * n2 / (n1 + n2); v <- if (n2 == 0) n1 - 1 else n1 + n2 - 2
  inner <- function(g) (1 + N * r^2 * g)^-.5 * (1 + t^2 / ((1 + N * r^2 * g) * v))^(-(v + 1) / 2) * (2 * pi)^-.5 * g^-1.5 * exp(-1 / (2 * g))
  f <- function(u) ifelse(exp(u) > 0 & exp(u) < Inf, inner(exp(u)) * exp(u), 0)
  sum(sapply(-14:39, function(k) integrate(f, k, k + 1, rel.tol = 1e-12)$value)) / (1 + t^2 / v)^(-(v + 1) / 2)
}
rows <- expand.grid(t = c(0, .7, -2.1, 4, 9), n1 = c(5, 40, 300), n2 = c(0, 35), scale = c(sqrt(2) / 2, 1, .2))
rows$bf <- mapply(bf, rows$t, rows$n1, rows$n2, rows$scale)
write_json(rows, "bayes_factor.json", digits = NA)
