# Writes data/ratings.csv and kappa.json: kappa, weighted kappa, AC1, PABAK.
# psych gives kappa and its interval, and the weighted kappa. Its weighted standard error (2.2.9) takes
# rowSums(w * rs) for the weighted mean of a row, so the one here is the delta method, written out.
# Run: Rscript tests/parity/kappa.R
suppressMessages({library(jsonlite); library(psych)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(5)
true <- rnorm(80); grade <- function() pmin(pmax(round(2 + true + rnorm(80, 0, 0.7)), 0), 4)
ratings <- data.frame(a = grade(), b = grade(), c = grade())
write.csv(ratings, file.path(here, "data", "ratings.csv"), row.names = FALSE)
weight <- function(q, p) 1 - (abs(row(diag(q)) - col(diag(q))) / (q - 1))^p
delta <- function(x, w) {  # variance of weighted kappa by numerical differentiation of the multinomial shares
  n <- sum(x); p <- x / n
  f <- function(p) {s <- sum(p * w); e <- drop(rowSums(p) %*% w %*% colSums(p)); (s - e) / (1 - e)}
  g <- p; for (i in seq_along(p)) {h <- 1e-5; up <- p; up[i] <- up[i] + h; down <- p; down[i] <- down[i] - h
    up2 <- p; up2[i] <- up2[i] + 2 * h; down2 <- p; down2[i] <- down2[i] - 2 * h
    g[i] <- (8 * (f(up) - f(down)) - (f(up2) - f(down2))) / (12 * h)}
  c(f(p), sqrt((sum(p * g^2) - sum(p * g)^2) / n))
}
ac1 <- function(x) {  # Gwet 2008, the closed form for two raters, scaled by n / (n - 1)
  n <- sum(x); p <- x / n; q <- nrow(x); pi <- (rowSums(p) + colSums(p)) / 2
  pa <- sum(diag(p)); pe <- sum(pi * (1 - pi)) / (q - 1); g <- (pa - pe) / (1 - pe)
  v <- pa * (1 - pa) - 4 * (1 - g) * (sum(diag(p) * (1 - pi)) / (q - 1) - pa * pe) +
    4 * (1 - g)^2 * (sum(p * (1 - outer(pi, pi, "+") / 2)^2) / (q - 1)^2 - pe^2)
  c(g, sqrt(v / ((n - 1) * (1 - pe)^2)))
}
two <- matrix(c(20, 5, 10, 15), 2, byrow = TRUE)
grades <- table(factor(ratings$a, 0:4), factor(ratings$b, 0:4)); grades <- matrix(grades, 5)
both <- function(x) {r <- cohen.kappa(x); c(r$kappa, r$confid[1, c(1, 3)])}
light <- function(p) {w <- weight(5, p); pairs <- combn(3, 2)
  mean(apply(pairs, 2, function(i) cohen.kappa(matrix(table(factor(ratings[, i[1]], 0:4), factor(ratings[, i[2]], 0:4)), 5), w = w)$weighted.kappa))}
answers <- list(two = both(two), grades = both(grades),
  quadratic = cohen.kappa(grades)$weighted.kappa, linear = cohen.kappa(grades, w = weight(5, 1))$weighted.kappa,
  quadratic_delta = delta(grades, weight(5, 2)), linear_delta = delta(grades, weight(5, 1)),
  two_delta = delta(two, diag(2)), two_ac1 = ac1(two), grades_ac1 = ac1(grades),
  light_quadratic = light(2), pabak = 2 * sum(diag(two)) / sum(two) - 1)
write_json(answers, file.path(here, "kappa.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
