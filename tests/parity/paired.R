# Writes paired.json: two tests of the same legs, and limits of agreement over size.
# Run: Rscript tests/parity/paired.R
suppressMessages({library(jsonlite); library(sandwich)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
legs <- read.csv(file.path(here, "data", "legs.csv")); a <- legs$pos; b <- as.integer(legs$score > 0.9); r <- legs$weak; G <- length(unique(legs$person))
side <- function(k) {d <- if (k) a - b else b - a; rows <- r == k; up <- sum(a[rows] > b[rows]); down <- sum(b[rows] > a[rows]); n <- sum(rows)
  m <- lm(d[rows] ~ 1); who <- legs$person[rows]; cl <- sqrt(vcovCL(m, cluster = who, type = "HC0", cadjust = FALSE)[1, 1] * G / (G - 1))
  bb <- up + .5; cc <- down + .5; s <- if (k) 1 else -1; mid <- s * (bb - cc) / (n + 2); h <- qnorm(.975) * sqrt(bb + cc - (bb - cc)^2 / (n + 2)) / (n + 2)
  list(value = mean(d[rows]), clustered_se = cl, interval = mid + c(-1, 1) * h, p = binom.test(up, up + down)$p.value, only = c(up, down))}
# J: the differences of both sides in one regression, so that their covariance within people counts.
d <- ifelse(r == 1, a - b, b - a); m <- lm(d ~ 0 + factor(r)); j_se <- sqrt(sum(vcovCL(m, cluster = legs$person, type = "HC0", cadjust = FALSE)) * G / (G - 1))
x <- read.csv(file.path(here, "data", "legs_twice.csv")); mid <- (x$first + x$second) / 2; dd <- x$first - x$second
f <- lm(dd ~ mid); g <- lm(abs(resid(f)) ~ mid); at <- c(1, 1.3, 1.6); X <- cbind(1, at); k <- qnorm(.975) * sqrt(pi / 2)
line <- function(V) sqrt(rowSums((X %*% V) * X)); vb <- line(vcovHC(f, "HC3"))^2; vs <- line(vcovHC(g, "HC3"))^2
up <- drop(X %*% coef(f) + k * X %*% coef(g)); low <- drop(X %*% coef(f) - k * X %*% coef(g)); h <- qnorm(.975) * sqrt(vb + k^2 * vs)
answers <- list(sensitivity = side(1), specificity = side(0), j = c(sum(coef(m)), j_se),
  sizes = at, bias = drop(X %*% coef(f)), bias_half = qnorm(.975) * sqrt(vb), upper = up, lower = low, half = h)
write_json(answers, file.path(here, "paired.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
