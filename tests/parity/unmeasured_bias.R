# Writes unmeasured_bias.json: one effect under each threat, by R where R has the method.
# Run in tests/parity: Rscript unmeasured_bias.R
suppressMessages({library(sandwich); library(MASS); library(jsonlite)})
d <- subset(read.csv("data/long.csv"), wave == 0)
z <- c("age", "female", "bmi", "prior_lbp")
wald <- function(est, se, df) {
  half <- qt(.975, df) * se
  list(estimate = unname(est), se = unname(se), low = unname(est - half), high = unname(est + half))}
of <- function(m, V, k = 1, df = m$df.residual) wald(k * coef(m)[[2]], abs(k) * sqrt(V[2, 2]), df)
cut1 <- function(w) pmin(pmax(w, quantile(w, .01)), quantile(w, .99))
study <- function(y, x) {
  d$y <- d[[y]]; d$x <- d[[x]]
  two <- all(d$x %in% 0:1)
  k <- if (two) 1 else sd(d$x)
  main <- lm(reformulate(c("x", z), "y"), d)
  huber <- rlm(reformulate(c("x", z), "y"), d, acc = 1e-14, maxit = 500)
  few <- lm(reformulate(c("x", setdiff(z, "female")), "y"), subset(d, female == 1))
  if (two) {
    p <- fitted(glm(reformulate(z, "x"), binomial, d, epsilon = 1e-14)); q <- mean(d$x)
    w <- cut1(ifelse(d$x == 1, q / p, (1 - q) / (1 - p)))
  } else {
    m1 <- lm(reformulate(z, "x"), d); m0 <- lm(x ~ 1, d)
    s <- function(m) summary(m)$sigma
    w <- cut1(dnorm(d$x, fitted(m0), s(m0)) / dnorm(d$x, fitted(m1), s(m1)))
  }
  ipw <- lm(y ~ x, d, weights = w)
  both <- k * coef(lm(reformulate(c("x", z), "y"), d, weights = w))[[2]]
  if (two) {  # augmented: an outcome model in each group
    m <- lapply(0:1, function(a) predict(lm(reformulate(z, "y"), subset(d, x == a)), d))
    both <- mean(m[[2]] + d$x * (d$y - m[[2]]) / p) - mean(m[[1]] + (1 - d$x) * (d$y - m[[1]]) / (1 - p))
  }
  # Omitted variables (Cinelli and Hazlett 2020), E-value (VanderWeele and Ding 2017)
  t <- summary(main)$coefficients[2, 3]; f <- abs(t) / sqrt(main$df.residual)
  rv <- (sqrt(f^4 + 4 * f^2) - f^2) / 2
  rr <- exp(.91 * k * coef(main)[[2]] / sd(d$y)); rr <- max(rr, 1 / rr)
  # Every fourth outcome missing, imputed from the others and shifted along the exposure
  d$gone <- seq_len(nrow(d)) %% 4 == 0
  part <- lm(reformulate(c("x", z), "y"), d[!d$gone, ])
  kp <- if (two) 1 else sd(d$x[!d$gone])
  along <- if (two) d$x else (d$x - mean(d$x[!d$gone])) / kp
  full <- d; full$y[d$gone] <- predict(part, d[d$gone, ]) - 1.5 * along[d$gone]
  shifted <- kp * coef(lm(reformulate(c("x", z), "y"), full))[[2]]
  list(adjusted = of(main, vcovHC(main, "HC3"), k), huber = of(huber, sandwich(huber), k, main$df.residual),
       women = of(few, vcovHC(few, "HC3"), k), ipw = k * coef(ipw)[[2]], both = both,
       rv = rv, evalue = rr + sqrt(rr * (rr - 1)), shifted = shifted)}
write_json(list(numeric = study("pain", "glute"), binary = study("glute", "lbp")),
           "unmeasured_bias.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
