"""The report: a neutral document made from the products, and its writers html, docx and pdf."""

from gluteal.report.contents import build_document
from gluteal.report.products import Products, read_products

__all__ = ["Products", "build_document", "read_products"]
