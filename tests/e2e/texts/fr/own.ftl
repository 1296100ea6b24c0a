# A language that is not built in, and of which there is little.

language_name = Français
language_set = Désormais je vous écris en { $name }.
welcome = Voici le salon du ticket { $number }.
