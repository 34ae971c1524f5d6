# Writes bootstrap.json: intervals of boot.ci from given draws, and the same resamples refitted by lm.
# Run in tests/parity: Rscript bootstrap.R
suppressMessages({library(boot); library(jsonlite)})
long <- read.csv("data/long.csv"); base <- subset(long, wave == 0)[1:80, ]
paths <- function(d, i) {
  d <- d[i, ]
  a <- coef(lm(tilt ~ glute + age, d)); b <- coef(lm(pain ~ glute + tilt + age, d))
  c(a["glute"] * b["tilt"], b["glute"])
}
ends <- function(b, k) {
  L <- empinf(b, index = k, type = "jack")
  ci <- boot.ci(b, index = k, type = c("perc", "norm"))
  bca <- boot:::bca.ci(b, conf = 0.95, index = k, L = L)
  list(percent = ci$percent[4:5], normal = ci$normal[2:3], bca = bca[4:5], influence = L)
}
set.seed(11); rows <- boot(base, paths, R = 299)
set.seed(12); within <- boot(base, paths, R = 299, strata = base$female)

# Whole people with replacement: the rows of each person together.
few <- subset(long, id %in% unique(long$id)[1:40]); who <- unique(few$id)
people <- function(w, i) {
  d <- do.call(rbind, lapply(w[i], function(k) few[few$id == k, ])); paths(d, seq_len(nrow(d)))
}
set.seed(13); clusters <- boot(who, people, R = 99)
weights <- 0.5 + (base$age - min(base$age)) / 20
fit <- lm(pain ~ glute + tilt + age, base, weights = weights)
one <- function(b, counts) list(t0 = unname(b$t0), t = b$t, counts = counts,
                                ends = list(ends(b, 1), ends(b, 2)))
write_json(list(rows = one(rows, boot.array(rows)), strata = one(within, boot.array(within)),
                clusters = one(clusters, boot.array(clusters)),
                inter = boot:::norm.inter((1:99)^2, c(0.001, 0.25, 0.333, 0.975, 0.999))[, 2],
                weighted = list(coef = unname(coef(fit)), rss = sum(weights * resid(fit)^2))),
           "bootstrap.json", digits = NA, auto_unbox = TRUE)
