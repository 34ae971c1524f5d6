# Writes multiverse.json and data/specr_example.csv: specification curves by loops of lm and glm.
# Run in tests/parity: Rscript multiverse.R
suppressMessages({library(jsonlite); library(sandwich); library(specr)})
shown <- as.data.frame(specr::example_data)
keep <- shown[, c("group1", "group2", "x1", "x2", "c1", "c2", "y1", "y2")]
keep$group1 <- match(keep$group1, unique(keep$group1)); keep$group2 <- match(keep$group2, unique(keep$group2))
write.csv(format(keep, digits = 17, trim = TRUE), "data/specr_example.csv", row.names = FALSE, quote = FALSE)
d <- read.csv("data/specr_example.csv")
one <- function(m) {s <- summary(m)$coefficients; c(s[2, 1], s[2, 2], s[2, 4], nobs(m))}
specr <- NULL  # the order of expand_grid: outcome, exposure, adjustment set, subset
for (y in c("y1", "y2")) for (x in c("x1", "x2")) for (z in list(NULL, "c1", "c2", c("c1", "c2")))
  for (g1 in c(NA, 1:3)) for (g2 in c(NA, 1:2)) {
    use <- (is.na(g1) | d$group1 == g1) & (is.na(g2) | d$group2 == g2)
    specr <- rbind(specr, one(lm(reformulate(c(x, z), y), d[use, ])))
  }

# The fixture at baseline, with gaps in two columns, in everybody and in women.
b <- subset(read.csv("data/long.csv"), wave == 0)
b$tilt[seq(3, nrow(b), 11)] <- NA; b$bmi[seq(5, nrow(b), 17)] <- NA
tight <- glm.control(epsilon = 1e-15, maxit = 100)
sets <- list(NULL, "age", c("age", "female"), c("age", "bmi", "activity"), c("age", "bmi", "activity", "prior_lbp"))
grid <- function(fit) {out <- NULL
  for (x in c("glute", "tilt")) for (z in sets) for (s in c("all", "women")) {
    if (s == "women" && "female" %in% z) next
    use <- if (s == "women") subset(b, female == 1) else b
    out <- rbind(out, fit(reformulate(c(x, z), "y"), use))
  }
  out}
linear <- grid(function(f, u) {u$y <- u$pain; one(lm(f, u))})
logistic <- grid(function(f, u) {u$y <- u$lbp; one(glm(f, binomial, u, control = tight))})
poisson <- grid(function(f, u) {u$y <- u$days; one(glm(f, poisson, u, control = tight))})
robust <- grid(function(f, u) {u$y <- u$pain; m <- lm(f, u); sqrt(diag(vcovHC(m, "HC3")))[2]})

# Shuffled exposures: the whole curve again for each of 40 shuffles written down here.
set.seed(4); n <- 60
s <- data.frame(x = rnorm(n), z = rnorm(n), w = rnorm(n)); s$y <- .4 * s$x + .5 * s$z + rnorm(n)
orders <- replicate(40, sample(n))
curve <- function(v) sapply(list("v", c("v", "z"), c("v", "w"), c("v", "z", "w")), function(t) {
  u <- s; u$v <- v; summary(lm(reformulate(t, "y"), u))$coefficients[2, c(1, 3)]})
shuffled <- apply(orders, 2, function(o) curve(s$x[o]))
# Null-imposed bootstrap: take the effect out of the outcome, resample rows, fit again.
draws <- replicate(25, sample(n, replace = TRUE))
forced <- apply(draws, 2, function(i) sapply(list(NULL, "z", "w", c("z", "w")), function(z) {
  u <- s; u$y <- u$y - coef(lm(reformulate(c("x", z), "y"), s))[2] * u$x
  summary(lm(reformulate(c("x", z), "y"), u[i, ]))$coefficients[2, c(1, 3)]}))

stats <- function(b) c(median(b), mad(b), range(b), quantile(b, c(.25, .75), names = FALSE))
write_json(list(specr = specr, specr_summary = stats(specr[, 1]), linear = linear, logistic = logistic,
                poisson = poisson, robust = drop(robust), small = s, orders = orders - 1, shuffled = t(shuffled),
                draws = draws - 1, forced = t(forced)),
           "multiverse.json", digits = NA, auto_unbox = TRUE)
