"""In which words is somebody told what is wrong with a file or with a row of it?"""

from typing import Any

from django.utils.translation import gettext_lazy as _

ROW: dict[str, Any] = {
    "missing": _("is empty"),
    "too_long": _("is longer than %s letters"),
    "line_too_long": _("the row is far too long"),
    "quote": _("a quotation mark is opened and never closed"),
    "unreadable": _("holds a character that cannot be read or seen (%s)"),
    "wrong_letters": _("was read with the wrong alphabet somewhere; it should probably be “%s”"),
    "error_of_formula": _("%s: a formula of the spreadsheet has failed here"),
    "too_many_cells": _(
        "the row has more cells than the table has columns (%s); a separator stands inside a cell"
    ),
    "not_below": _("the unit of this row does not lie in “%s”"),
    "number_not_code": _("%s: the spreadsheet has turned this code into a number; format the column as text"),
    "date_not_text": _("%s: the spreadsheet has turned this into a date; format the column as text"),
    "lost_zeros": _("the zeros in front are lost: it should probably be %s; format the column as text"),
    "not_a_code": _("“%s” is no code: letters, digits, dash and dot are"),
    "not_a_number": _("“%s” is no number"),
    "out_of_range": _("lies outside %s"),
    "yes_or_no": _("“%s” is neither yes nor no"),
    "not_a_choice": _("“%s” is not in the list of this column"),
    "not_a_moment": _("“%s” is no date: write dd/mm/yyyy or dd/mm/yyyy hh:mm"),
    "no_unit": _("no unit in your area is called “%s”"),
    "many_units": _("several units are called “%s”: give the code"),
    "swapped": _("latitude and longitude look swapped (%s)"),
    "abroad": _("the point lies outside the country (%s)"),
    "half_a_point": _("latitude and longitude go together"),
    "no_point": _("has no coordinates, and its unit has none either"),
    "twice": _("stands more than once in this file (also in row %s)"),
    "number_twice": _("the number stands more than once in this file for this unit (also in row %s)"),
    "number_taken": _("another site of this unit has the number %s"),
    "elsewhere": _("this code belongs to another unit; it is not moved by an import"),
    "not_free": _("this code or name cannot be used here"),
    "no_parent": _("the unit above is not in your area and not in this file: “%s”"),
    "parent_wanted": _("a commune needs the unit above it"),
    "province_code": _("the code of a province is two digits"),
    "not_added": _("units of this kind are not added by an import"),
    "no_account_name": _("use a–z, 0–9, dot, dash and underscore"),
    "wrong_role": _("this role is not held at this kind of unit, or is not yours to grant"),
    "yourself": _("nobody appoints themselves"),
    "period": _("the end lies before the beginning"),
    "not_allowed": _("your post does not allow this here"),
    "late": _("was changed by somebody else meanwhile: %s"),
}

FILE: dict[str, Any] = {
    "empty": _("The file is empty."),
    "broken": _("The file is damaged or cut off; save it again and send it once more."),
    "not_a_table": _("This is neither a CSV file nor an Excel workbook (.xlsx)."),
    "encrypted_or_old": _(
        "The file is protected by a password or in the old .xls format; save it as plain .xlsx."
    ),
    "macros": _("Workbooks with macros are not taken; save it as .xlsx."),
    "entities": _("The file declares entities, which no spreadsheet needs; it is not read."),
    "too_heavy": _("Unpacked, the file is too large."),
    "stopped": _("The file takes too much time or memory to read."),
    "too_many_rows": _("The file has more than %(most)s rows; divide it."),
    "too_many_columns": _("The file has more than %(most)s columns."),
    "no_header": _("No row with the names of the columns was found."),
    "columns_missing": _("No column was found for: %(columns)s. Say which it is."),
    "no_rows": _("There is no row below the names of the columns."),
    "no_right": _("Your post does not allow this import any more."),
    "fault": _("Something went wrong on our side. It has been noted; nothing further is imported."),
}

NOTES: dict[str, Any] = {
    "latin_1": _(
        "The file is not in UTF-8; it was read as Windows Western. Check the accents in the preview."
    ),
    "hidden_sheet": _("The hidden sheet “%s” was left out."),
    "other_sheet": _("Only the first sheet is read; “%s” was left out."),
    "unknown_column": _("The column “%s” is not used."),
    "doubled_column": _("Several columns are called “%s”; the first of them is read."),
    "point_of_unit": _("%s rows have no coordinates: they take the point of their unit."),
}


def of_row(code: str, shown: str) -> str:
    words = str(ROW.get(code, code))
    return words % shown if "%s" in words else words


def of_file(error: dict[str, Any]) -> str:
    return str(FILE.get(error["code"], error["code"])) % error.get("given", {})


def note(said: list[str]) -> str:
    words = str(NOTES.get(said[0], said[0]))
    return words % said[1] if "%s" in words else words
