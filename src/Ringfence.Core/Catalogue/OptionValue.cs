using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Catalogue;

/// <summary>What Asterisk makes of a value. What can't be said without the PBX's own files, modules or name servers is not said.</summary>
internal static class OptionValue
{
    // Of modules that are not Asterisk's own.
    private static readonly string[] ForeignFormats = ["amr", "amrwb", "evs"];

    // main/acl.c, dscp_pool1.
    private static readonly string[] ServiceClasses =
        ["cs0", "cs1", "cs2", "cs3", "cs4", "cs5", "cs6", "cs7", "af11", "af12", "af13", "af21", "af22", "af23", "af31", "af32", "af33", "af41", "af42", "af43", "ef"];

    // main/callerid.c, pres_types.
    private static readonly string[] Presentations =
        ["allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", "allowed", "prohib_not_screened", "prohib_passed_screen", "prohib_failed_screen", "prohib", "unavailable"];

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEFxX.:[]");
    private static readonly SearchValues<char> DottedCharacters = SearchValues.Create("0123456789.");

    // res/res_pjsip/pjsip_configuration.c, from_user_handler.
    private const string UserMarks = "-._~%!$&'()*+,;=:";

    /// <returns>null: Asterisk takes it as it stands.</returns>
    public static ValueFault? Judge(OptionInfo option, string value, OptionCatalogue catalogue) => option.Kind switch
    {
        OptionKind.Bool => IsBool(value) || value.Length == 0 ? null : new ValueFault(ValueOutcome.Misread, "expected yes or no; Asterisk takes it for no"),
        OptionKind.BoolUnlessNo => IsBool(value) || value.Length == 0 ? null : new ValueFault(ValueOutcome.Misread, "expected yes or no; Asterisk takes it for yes"),
        OptionKind.UInt => Number(option, value, 0, uint.MaxValue),
        OptionKind.Int => Number(option, value, int.MinValue, int.MaxValue),
        OptionKind.Number => IsReal(value) ? null : Refused("expected a number"),
        OptionKind.Seconds => value.AsSpan().TrimStart() is [>= '0' and <= '9', ..] or ['+' or '-', >= '0' and <= '9', ..] ? null : Refused("expected a number of seconds"),
        OptionKind.TextNotEmpty => value.Length > 0 ? null : Refused("it must not be empty"),
        OptionKind.Codecs when value.Length == 0 => option.Name == "disallow" ? null : Refused("it must not be empty"),
        OptionKind.Codecs => Codecs(value, catalogue),
        OptionKind.Network or OptionKind.Acl when option.TakesEmpty && value.Length == 0 => null,
        OptionKind.Acl when option.Name.EndsWith("acl", StringComparison.OrdinalIgnoreCase) => Names(value),
        OptionKind.Network or OptionKind.Acl => Networks(value.Split(',')),
        OptionKind.Match => Networks(value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(static part => part.Contains('/', StringComparison.Ordinal))),
        OptionKind.OneOf => Word(option, value, StringComparison.OrdinalIgnoreCase),
        OptionKind.Exactly => Word(option, value, StringComparison.Ordinal),
        OptionKind.Words => Words(option, value),
        OptionKind.Tos => IsTos(value) ? null : Refused("expected a class such as cs3, af41 or ef, or a number"),
        OptionKind.Variable => value.Length == 0 || value.Contains('=', StringComparison.Ordinal) ? null : Refused("expected NAME=value"),
        OptionKind.Presentation => IsPresentation(value) ? null : Refused("expected allowed, prohib, unavailable or one of their forms"),
        OptionKind.Uris => Uris(value),
        OptionKind.User => value.All(static c => char.IsAsciiLetterOrDigit(c) || UserMarks.Contains(c, StringComparison.Ordinal)) ? null
            : Refused("expected the part of the address before the @: letters, digits and " + UserMarks),
        _ => null,
    };

    private static ValueFault Refused(string expected) => new(ValueOutcome.Refused, expected);

    private static bool IsBool(string value) => AsteriskBool.Parse(value) is not null;

    // main/config.c, ast_parse_arg: strtoul with base 0, and all of the value must be the number.
    private static ValueFault? Number(OptionInfo option, string value, long least, long most)
    {
        var (low, high) = option.Range ?? (least, most);
        if (Whole(value) is { } number && number >= low && number <= high && (low < 0 || !value.AsSpan().TrimStart().StartsWith("-")))
        {
            return null;
        }

        var expected = option.Range is null ? least == 0 ? "expected a whole number from 0 on" : "expected a whole number" : $"expected a whole number from {low} to {high}";
        return option.IsLenient ? new ValueFault(ValueOutcome.Misread, $"{expected}; Asterisk takes another one") : Refused(expected);
    }

    /// <summary>A whole number as strtol with base 0 reads it, if it is all of the value: 90, 0x5a, 0132.</summary>
    public static long? Whole(string value)
    {
        var text = value.AsSpan().TrimStart(" \t\v\f\r\n");
        var isNegative = text.StartsWith("-");
        text = text is ['+' or '-', ..] ? text[1..] : text;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return long.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? isNegative ? -hex : hex : null;
        }

        if (text is ['0', _, ..])
        {
            var octal = 0L;
            foreach (var c in text)
            {
                if (c is < '0' or > '7' || octal > uint.MaxValue)
                {
                    return null;
                }

                octal = (octal * 8) + (c - '0');
            }

            return isNegative ? -octal : octal;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? isNegative ? -number : number : null;
    }

    // strtod takes more than this tells (0x1p3, inf): what begins like that is left alone.
    private static bool IsReal(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        || value.AsSpan().TrimStart().TrimStart("+-") is ['0', 'x' or 'X', ..] or ['i' or 'I' or 'n' or 'N', ..];

    // main/format_cap.c, ast_format_cap_update_by_allow_disallow.
    private static ValueFault? Codecs(string value, OptionCatalogue catalogue)
    {
        var text = value is ['(', .., ')'] ? value[1..^1] : value;
        if (text.Length == 0)
        {
            return null;
        }

        foreach (var part in text.Split(',', '|'))
        {
            var name = part.Trim();
            name = name.StartsWith('!') ? name[1..] : name;
            var colon = name.LastIndexOf(':');
            name = colon < 0 ? name : name[..colon];
            if (!name.Equals("all", StringComparison.OrdinalIgnoreCase) && !catalogue.HasFormat(name) && !ForeignFormats.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return Refused(name.Length == 0 ? "there is an empty name in the list of codecs" : $"{Shown.Text(name)} is no codec that Asterisk knows");
            }
        }

        return null;
    }

    // main/acl.c, append_ha_core: the parts are not stripped, and no name is looked up.
    private static ValueFault? Networks(IEnumerable<string> parts)
    {
        foreach (var part in parts)
        {
            var text = part.StartsWith('!') ? part[1..] : part;
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            var address = slash < 0 ? text : text[..slash];
            if (CertainlyNoAddress(address))
            {
                return Refused($"expected addresses and networks such as 192.0.2.0/24, and found \"{Shown.Text(part)}\"");
            }

            if (slash >= 0 && CertainlyNoMask(text[(slash + 1)..], IPAddress.TryParse(address, out var parsed) ? parsed.AddressFamily : null))
            {
                return Refused($"expected a mask such as /24 or /255.255.255.0 in \"{Shown.Text(part)}\"");
            }
        }

        return null;
    }

    // getaddrinfo with AI_NUMERICHOST takes old forms too (10.1, 0x0a000001): refused is only what has no such form. A zone may follow a %.
    private static bool CertainlyNoAddress(string address)
    {
        var zone = address.IndexOf('%', StringComparison.Ordinal);
        var text = zone < 0 ? address : address[..zone];
        if (text.Length == 0 || text.AsSpan().IndexOfAnyExcept(AddressCharacters) >= 0)
        {
            return true;
        }

        var colons = text.Count(static c => c == ':');
        return colons == 0 ? IsNoOldForm(text) : colons == 1;
    }

    // At most four parts, each a number: decimal, octal or hexadecimal.
    private static bool IsNoOldForm(string address)
    {
        var parts = address.Split('.');
        return parts.Length > 4 || parts.Any(static part => Whole(part) is null) || (IsDotted(address) && !IPAddress.TryParse(address, out _));
    }

    private static bool IsDotted(string address) => address.Count(static c => c == '.') == 3 && address.AsSpan().IndexOfAnyExcept(DottedCharacters) < 0;

    private static bool CertainlyNoMask(string mask, AddressFamily? family) =>
        mask.Contains('.', StringComparison.Ordinal) || mask.Contains(':', StringComparison.Ordinal)
            ? CertainlyNoAddress(mask)
            : Bits(mask) is not { } bits || bits > (family == AddressFamily.InterNetwork ? 32 : 128);

    // parse_cidr_mask: sscanf, which stops where the digits end.
    private static int? Bits(string mask)
    {
        var text = mask.AsSpan().TrimStart();
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? bits : null;
    }

    // main/acl.c, ast_append_acl.
    private static ValueFault? Names(string value)
    {
        var names = value.Split(',').Select(static name => name.TrimStart()).ToList();
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Count ? null : Refused("a list is named twice");
    }

    // res/res_pjsip/location.c, permanent_uri_handler; what is more than the scheme is not looked at.
    private static ValueFault? Uris(string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(static uri => IsSip(uri)) ? null : Refused("expected SIP URIs such as sip:203.0.113.10:5060");

    /// <summary>It can be a SIP URI: what has neither scheme is refused wherever Asterisk wants one.</summary>
    public static bool IsSip(string uri) => uri.Contains("sip:", StringComparison.OrdinalIgnoreCase) || uri.Contains("sips:", StringComparison.OrdinalIgnoreCase);

    private static bool IsPresentation(string value) =>
        Presentations.Contains(value, StringComparer.OrdinalIgnoreCase) || value.AsSpan().TrimStart() is [>= '0' and <= '9', ..] or ['+' or '-', >= '0' and <= '9', ..];

    private static ValueFault? Word(OptionInfo option, string value, StringComparison comparison) =>
        option.Words.Any(word => word.Equals(value, comparison)) || (option.TakesBool && IsBool(value)) || (option.TakesEmpty && value.Length == 0)
            ? null
            : Refused($"expected {Choices(option)}");

    private static ValueFault? Words(OptionInfo option, string value) =>
        value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(part => option.Words.Contains(part, StringComparer.OrdinalIgnoreCase))
            ? null
            : Refused($"expected some of {string.Join(", ", option.Words)}");

    private static string Choices(OptionInfo option) => string.Join(", ", option.TakesBool ? ["yes", "no", .. option.Words] : option.Words);

    private static bool IsTos(string value) =>
        ServiceClasses.Contains(value, StringComparer.OrdinalIgnoreCase)
        || value.AsSpan().TrimStart() is [>= '0' and <= '9', ..] or ['+' or '-', >= '0' and <= '9', ..];
}
