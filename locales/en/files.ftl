# What is said of files that were not carried.

file_not_passed_on = “{ $name }” was not passed on to the helpdesk: { $reason }.
file_not_shown = “{ $name }”, which was attached in the helpdesk, can't be shown here: { $reason }.
file_too_large = it is larger than { $size }
file_not_allowed = files of this type ({ $what }) are not accepted
file_type_name = { $label ->
    [Script] a script
    [DOCX-macros] DOCX with macros
    [XLSX-macros] XLSX with macros
    [PPTX-macros] PPTX with macros
    [ODT-macros] ODT with macros
    [ODS-macros] ODS with macros
    [ODP-macros] ODP with macros
   *[other] { $label }
}
file_unknown = files of this type are not accepted
file_disguised = it is named like a file of the type { $named }, but its content is { $what }
file_disguised_unknown = its content is not what its name says ({ $named })
file_too_many_pixels = it is a picture with too many pixels
file_empty = it is empty
file_gone = it is not there any more
file_not_handed_over = the homeserver on which it lies did not hand it over; sending it again may help
file_beside_command = it stood beneath a command; please send it without one
file_not_shown_to_customer = “{ $name }” was not shown to the customer: { $reason }.
voice_message = Voice message { $length }
