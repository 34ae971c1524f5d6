# Writes data/dropout.csv and dropout.json: missing the next visit on pain at the visit before.
# Run: Rscript tests/parity/dropout.R
library(jsonlite)
suppressMessages(library(clubSandwich))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(7)
n <- 70
visits <- c("baseline", "week04", "week08", "week12")
rows <- list()
for (i in 1:n) {
  pain <- rnorm(1, 5, 1.5)
  for (k in seq_along(visits)) {
    here_now <- k == 1 || runif(1) < plogis(2.1 - 0.25 * (pain - 5))
    score <- if (here_now && runif(1) > 0.06) min(10, max(0, round(pain + rnorm(1)))) else NA
    rows[[length(rows) + 1]] <- data.frame(participant_id = sprintf("P%02d", i), visit = visits[k],
      week_nominal = 4 * (k - 1), attended = as.integer(here_now), nprs_avg = score)
  }
}
d <- do.call(rbind, rows)
write.csv(d, file.path(here, "data", "dropout.csv"), row.names = FALSE, quote = FALSE, na = "")

m <- length(visits)
first <- d[rep(seq_len(nrow(d)) %% m != 0), ]
second <- d[which(seq_len(nrow(d)) %% m != 1), ]
stopifnot(all(first$participant_id == second$participant_id))
steps <- data.frame(id = first$participant_id, missed = 1 - second$attended, pain = first$nprs_avg,
  visit = second$visit)[first$attended == 1, ]
lost <- sum(is.na(steps$pain))
steps <- steps[!is.na(steps$pain), ]
fit <- glm(missed ~ pain + factor(visit), binomial, steps, control = glm.control(epsilon = 1e-14, maxit = 100))
robust <- vcovCR(fit, steps$id, "CR2")
test <- coef_test(fit, robust, test = "Satterthwaite")
ends <- conf_int(fit, robust, level = 0.95, test = "Satterthwaite")
last <- d[d$visit == "week12", ]
wilson <- prop.test(sum(last$attended), n, correct = FALSE)$conf.int
write_json(list(
  coef = unname(coef(fit)), classical_se = unname(sqrt(diag(vcov(fit)))),
  robust_se = unname(sqrt(diag(as.matrix(robust)))), df = test$df_Satt[2], p = test$p_Satt[2],
  low = ends$CI_L[2], high = ends$CI_U[2],
  n = nrow(steps), events = sum(steps$missed), people = length(unique(steps$id)), lost = lost,
  attended = mean(last$attended), wilson = as.numeric(wilson)
), file.path(here, "dropout.json"), digits = NA, auto_unbox = TRUE, pretty = TRUE)
