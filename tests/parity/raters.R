# Writes data/{pefr,cardiac,diagnoses,rated}.csv and raters.json: Lin's concordance, limits of agreement with
# replicates, agreement of several raters. Run: Rscript tests/parity/raters.R
suppressMessages({library(jsonlite); library(epiR); library(irr); library(irrCAC)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
data(PEFR, cardiac, package = "MethComp"); data(diagnoses, anxiety, package = "irr"); data(cac.raw4raters, package = "irrCAC")
first <- subset(PEFR, repl == 1)
pefr <- data.frame(wright = first$y[first$meth == "Wright"], mini = first$y[first$meth == "Mini"])
write.csv(pefr, file.path(here, "data", "pefr.csv"), row.names = FALSE)
write.csv(cardiac, file.path(here, "data", "cardiac.csv"), row.names = FALSE)
codes <- sapply(diagnoses, function(x) as.integer(substr(as.character(x), 1, 1)) - 1L)
write.csv(codes, file.path(here, "data", "diagnoses.csv"), row.names = FALSE)
four <- as.matrix(cac.raw4raters[, -1]) - 1
write.csv(four, file.path(here, "data", "rated.csv"), row.names = FALSE, na = "")
ccc <- function(x, y) {r <- epi.ccc(x, y); c(unlist(r$rho.c), r$C.b, r$s.shift, r$l.shift)}
raters <- read.csv(file.path(here, "data", "raters.csv"))

# Bland and Altman 1999, section 5.2: both methods repeated, the true value constant; MOVER (Zou 2013).
replicates <- function(d, one, two) {
  a <- subset(d, meth == one); b <- subset(d, meth == two)
  ma <- tapply(a$y, a$item, mean); mb <- tapply(b$y, b$item, mean); na <- table(a$item); nb <- table(b$item); k <- length(ma)
  wa <- anova(lm(y ~ factor(item), a))["Residuals", ]; wb <- anova(lm(y ~ factor(item), b))["Residuals", ]
  v <- c(var(ma - mb), (1 - mean(1 / na)) * wa[["Mean Sq"]], (1 - mean(1 / nb)) * wb[["Mean Sq"]]); df <- c(k - 1, wa[["Df"]], wb[["Df"]])
  tot <- sum(v); l <- tot - sqrt(sum((v * (1 - df / qchisq(.975, df)))^2)); u <- tot + sqrt(sum((v * (df / qchisq(.025, df) - 1))^2))
  z <- qnorm(.975); m <- mean(ma - mb); se2 <- v[1] / k
  near <- sqrt(z^2 * se2 + z^2 * (sqrt(tot) - sqrt(l))^2); far <- sqrt(z^2 * se2 + z^2 * (sqrt(u) - sqrt(tot))^2)
  list(bias = m, sd = sqrt(tot), within = sqrt(c(wa[["Mean Sq"]], wb[["Mean Sq"]])), between = sqrt(v[1]),
       lower = m - z * sqrt(tot) + c(0, -far, near), upper = m + z * sqrt(tot) + c(0, -near, far))
}
cac <- function(x, w = "unweighted") {
  one <- function(f) {e <- f(x, weights = w)$est; c(e$coeff.val, e$coeff.se)}
  list(fleiss = one(fleiss.kappa.raw), ac = one(gwet.ac1.raw), pabak = one(bp.coeff.raw), agreement = pa.coeff.raw(x, weights = w)$est$pa)
}
f <- kappam.fleiss(diagnoses, detail = TRUE)
answers <- list(pefr = ccc(pefr$wright, pefr$mini), raters = ccc(raters$r1, raters$r2),
  cardiac = replicates(cardiac, "RV", "IC"), fleiss = c(f$value, f$statistic, f$p.value), per_category = unname(f$detail[, 1]),
  diagnoses = cac(codes + 1), diagnoses_pair = kappa2(diagnoses[, 2:3])$value,
  rated = cac(four + 1), rated_linear = cac(four + 1, "linear"), rated_quadratic = cac(four + 1, "quadratic"))
write_json(answers, file.path(here, "raters.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
