# Writes p_adjust.json: R's own answers for tests/estimators/test_multiplicity.py.
# Run: Rscript tests/parity/p_adjust.R
library(jsonlite)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
set.seed(11)
families <- list(
  spread = c(0.0123456789, 0.04, 0.03, 0.5, 1, 0.00021, 0.0499),
  ties = c(0.02, 0.02, 0.02, 0.01, 0.01),
  missing = c(0.001, NA, 0.2, NA, 0.03),
  single = c(0.04),
  drawn = rbeta(40, 0.4, 2)
)
answers <- lapply(families, function(p) {
  list(p = p, holm = p.adjust(p, "holm"), fdr = p.adjust(p, "BH"))
})
write_json(answers, file.path(here, "p_adjust.json"), digits = NA, na = "null", auto_unbox = FALSE, pretty = TRUE)
