using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Ringfence.Core.Catalogue;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>
/// What of a PBX's files may be told: a value of a known kind at an option that takes such. Anything else may be a password that was typed at the wrong place, and is told by its line alone.
/// </summary>
internal sealed class ShownValues
{
    public const string NotShown = "(not shown)";

    // What guides and users of other drivers write where Asterisk knows another word, levels of logs, and who programs run as.
    private static readonly string[] Words =
    [
        "rfc2833", "tls1", "tls1.0", "tls1.1", "tls1.2", "tls1.3", "sslv2", "sslv3", "tls", "g.711", "g711", "g.722", "g.729", "one", "two", "none", "any", "all", "default", "require", "required",
        "optional", "enabled", "disabled", "enable", "disable", "maybe", "always", "never", "auto", "dynamic", "friend", "peer", "user", "unlimited", "notice", "warning", "error", "debug", "verbose", "security", "dtmf",
        "fax", "console", "root", "asterisk", "nobody", "system", "call", "log", "command", "agent", "config", "dtmf", "reporting", "cdr", "dialplan", "originate", "agi", "aoc", "cc", "test", "message", "from-internal",
        "static", "realtime", "odbc", "mysql", "pgsql", "sqlite3", "ldap", "curl", "memory", "astdb", "s", "h", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7", "caller", "callee", "both", "plaintext", "parkedcalls",
        // Of what contexts and objects are called everywhere.
        "from", "inbound", "outbound", "incoming", "outgoing", "internal", "external", "trunk", "phone", "office", "public", "local", "users", "staff", "home", "main", "menu", "queue", "international", "national", "mobile",
        "day", "night", "open", "closed", "holiday", "lunch", "weekend", "evening", "answer", "busy", "noanswer", "cancel", "congestion", "chanunavail", "dontcall", "torture", "invalidargs", "success", "failure", "failed", "continue", "hangup", "exists", "noapp", "true", "false",
        "not_inuse", "inuse", "unavailable", "unknown", "ringing", "onhold", "available", "allowed", "force", "dontcare", "hidden", "blocked", "restricted", "withheld", "private", "transfer", "forward", "direct", "group", "initialized", "nopasswd", "nocallerid", "skipttl", "wav49", "record", "recording", "recordings", "attempt", "allowed_passed_screen", "prohib_passed_screen", "prohib_not_screened", "extension", "device", "echo", "text", "name", "number", "status",
        "emergency", "guest", "door", "custom", "context", "gateway", "provider", "out", "pstn", "voip", "sip", "calls", "longdistance", "anonymous", "macro", "sub", "sales", "support",
    ];

    // Where people write what they like, and whoever reads the report needs it.
    private static readonly string[] FreeTexts = ["user_agent", "useragent", "callerid", "realm", "description", "language", "fullname", "from_domain", "from_user", "sdp_session", "sdp_owner", "number", "cidname", "musicclass", "prefix", "uniqueid"];

    // What other sections are named by: whoever mistyped one has to see which.
    private static readonly string[] References =
    [
        "context", "aors", "auth", "outbound_auth", "acl", "contact_acl", "transport", "mailboxes", "endpoint", "include", "parkinglot", "message_context", "subscribe_context", "exitcontext", "dialout", "callback", "regcontext", "member", "type",
    ];

    private static readonly string[] Numbers = ["port", "start", "end", "timeout", "permissions", "size", "max", "min", "expiry", "count", "interval"];
    private static readonly string[] Addresses = ["uri", "host", "domain", "address", "contact", "bind", "proxy", "addr"];

    private static readonly string[] PlanLines = ["exten", "same", "ignorepat", "hint", "switch", "lswitch", "eswitch"];
    private static readonly string[] Technologies = ["PJSIP", "SIP", "IAX2", "Local", "DAHDI", "Agent"];
    private static readonly SearchValues<char> Separators = SearchValues.Create(", &|\t");
    private static readonly SearchValues<char> EndsOfName = SearchValues.Create(",()?: ");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private readonly PbxSnapshot _pbx;
    private HashSet<string>? _names;
    private HashSet<string>? _words;

    private ShownValues(PbxSnapshot pbx) => _pbx = pbx;

    /// <summary>A word that many a dialplan has, an address, a path, a channel, or too short to be a secret.</summary>
    public static bool IsCommon(string word) => word.Length <= 3 || Words.Contains(word, StringComparer.OrdinalIgnoreCase) || IsAddress(word) || IsPath(word) || IsChannel(word);

    public static ShownValues Of(PbxSnapshot pbx) => pbx.Once(static pbx => new ShownValues(pbx))!;

    /// <summary>The name of a context, list or object, or a word that Asterisk knows; else <see cref="NotShown"/>.</summary>
    public string Name(string value) => IsTold(value) ? Shown.Text(value) : NotShown;

    private bool IsTold(string value) => Knows(value) || Array.TrueForAll(value.Split(',', ' ', '&', '|'), part => LooksNamed(part) || IsSlipOfName(part));

    // "105x", where there is a 105.
    private bool IsSlipOfName(string part) => part.Length > 2 && char.IsAsciiLetter(part[^1]) && (_names ??= Names()).Contains(part[..^1]);

    // "form-internal", "offcie", "phone12": words of one case, a few digits behind them. Nobody is kept out by such a password, and at an option that names a section it is a name.
    private static bool LooksNamed(string part)
    {
        if (part.Length > 40)
        {
            return false;
        }

        foreach (var word in part.Split('-', '_', '.'))
        {
            var letters = word.TrimEnd("0123456789".ToCharArray());
            if (word.Length - letters.Length > 4 || !letters.All(char.IsAsciiLetter) || (letters.Skip(1).Any(char.IsAsciiLetterUpper) && letters.Any(char.IsAsciiLetterLower)) || (letters.Length == 0 && part.Length == word.Length && word.Length > 3))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Every part of it is a word of Asterisk's, a name that something here has, an address, a path, or too short to be a secret.</summary>
    public bool Knows(string value)
    {
        foreach (var range in value.AsSpan().SplitAny(Separators))
        {
            var part = value.AsSpan()[range].Trim("!\"'()-");
            // verbose(3)
            part = part.IndexOf('(') is > 0 and var open && part.Length - open <= 3 ? part[..open] : part;
            if (part.Length > 3 && !IsWord(part) && !IsAddress(part) && !IsPath(part) && !IsChannel(part))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Applications with what they are given, without secrets and without contexts that are not there.</summary>
    public string Call(string text)
    {
        var shown = CallSecrets.Without(text, isAel: false, Knows, takesAll: true);
        for (var at = 0; (at = JumpFrom(shown, at)) < shown.Length;)
        {
            var length = shown.AsSpan(at).IndexOfAny(EndsOfName);
            var name = length > 0 && shown[at + length] == ',' ? shown.Substring(at, length) : "";
            if (!name.Contains('$', StringComparison.Ordinal) && IsContext(shown.AsSpan(at + name.Length)) && !IsTold(name))
            {
                shown = $"{shown[..at]}{NotShown}{shown[(at + length)..]}";
            }
        }

        return shown;
    }

    // Behind Goto(, GosubIf(...? and its colon.
    private static int JumpFrom(string text, int from)
    {
        if (from == 0 && !text.Contains("goto", StringComparison.OrdinalIgnoreCase) && !text.Contains("gosub", StringComparison.OrdinalIgnoreCase))
        {
            return text.Length;
        }

        var next = text.AsSpan(from).IndexOfAny("(?:");
        return next < 0 ? text.Length : from + next + 1;
    }

    // "context,extension,priority": two commas before whatever ends it.
    private static bool IsContext(ReadOnlySpan<char> behind)
    {
        var end = behind.IndexOfAny("():?");
        return (end < 0 ? behind : behind[..end]).Count(',') == 2;
    }

    /// <summary>What of a value may not be told: all of it, then the parts that are nothing known.</summary>
    public IEnumerable<string> Unknown(string value) => value.Split(',', ' ', '&', '|').Prepend(value).Distinct(StringComparer.Ordinal).Where(part => !Knows(part));

    /// <summary>The line as it may be shown.</summary>
    public ShownLine Line(string text)
    {
        var (bare, allowance) = WithoutComment(text);
        var equals = bare.IndexOf('=', StringComparison.Ordinal);
        if (bare.StartsWith('[') || equals <= 0)
        {
            // "#exec program --password ...": what it is called with may be anything.
            return new ShownLine(bare.StartsWith("#exec", StringComparison.OrdinalIgnoreCase) && bare.Split((char[])[' ', '\t'], 3) is [var exec, var program, _] ? $"{exec} {program} {NotShown}" : bare + allowance, null);
        }

        var name = bare[..equals].TrimEnd(' ', '\t', '+');
        var from = equals + 1 < bare.Length && bare[equals + 1] == '>' ? equals + 2 : equals + 1;
        var value = bare[from..].Trim();
        if (PlanLines.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return new ShownLine(Call(bare) + allowance, null);
        }

        if (IsSql(name))
        {
            return new ShownLine($"{bare[..from].TrimEnd()} {ShownSql.Of(value)}", null);
        }

        return MayTell(name, value) ? new ShownLine(bare + allowance, null) : new ShownLine($"{bare[..from].TrimEnd()} {NotShown}", SecretOptions.Contains(name) ? null : value);
    }

    // func_odbc's: the statement is what the finding is about.
    private static bool IsSql(string name) => name.ToLowerInvariant() is "readsql" or "writesql" or "insertsql";

    private bool MayTell(string name, string value)
    {
        if (SecretOptions.Contains(name))
        {
            return value.Length == 0;
        }

        if (Knows(value) || (References.Contains(name, StringComparer.OrdinalIgnoreCase) && IsTold(name.Equals("include", StringComparison.OrdinalIgnoreCase) ? value.Split(',', '|')[0] : value)))
        {
            return true;
        }

        if (CallSecrets.Without(value) != value)
        {
            return false;
        }

        if ((name.EndsWith("cipher", StringComparison.OrdinalIgnoreCase) && AreCiphers(value)) || (IsNamed(name, Numbers) && Fits(OptionKind.Number, value)) || (IsNamed(name, Addresses) && Fits(OptionKind.Uris, value)))
        {
            return true;
        }

        if (FreeTexts.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        return _pbx.Options.Files.SelectMany(_pbx.Options.Objects).Any(found => found.Find(name) is { } option && (Fits(option.Kind, value) || (TakesWords(option.Kind) && Array.TrueForAll(value.Split(',', ' ', '&', '|'), static part => part.Length <= LongestSlip && LooksNamed(part)))));
    }

    // Of an option that takes words of a list, yes or no, or a number: one that is not in it is a slip, and whoever made it has to see which.
    private const int LongestSlip = 10;

    private static bool TakesWords(OptionKind kind) => kind is not (OptionKind.Any or OptionKind.Text or OptionKind.TextNotEmpty or OptionKind.Ignored or OptionKind.Gone);

    private static bool IsNamed(string name, string[] ends) => Array.Exists(ends, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    // "ALL:!aNULL:RC4-SHA"
    private static bool AreCiphers(string value) =>
        Array.TrueForAll(value.Split(':', '!', '-', '+', '@', '_', ',', ' '), static word => word.Skip(word.Length > 0 && char.IsAsciiLetterLower(word[0]) ? 1 : 0).All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c)));

    private static bool Fits(OptionKind kind, string value) => kind switch
    {
        OptionKind.Int or OptionKind.UInt or OptionKind.Number or OptionKind.Seconds or OptionKind.Duration => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        OptionKind.Address or OptionKind.Bind or OptionKind.Match or OptionKind.Uris => value.Contains('.', StringComparison.Ordinal) && !value.Contains("://", StringComparison.Ordinal) && value.All(static c => char.IsAsciiLetterOrDigit(c) || ".-:/@,;=[] _+".Contains(c, StringComparison.Ordinal)),
        _ => false,
    };

    // A name of its own, or one that is made of such words: "from-internal", "1001-auth", "ps_endpoints"; a variable tells nothing.
    private bool IsWord(ReadOnlySpan<char> part)
    {
        if (IsOneWord(part) || (part.StartsWith("${") && part.EndsWith("}")))
        {
            return true;
        }

        // "k9-x2-p4" is no name.
        var hasWord = false;
        foreach (var range in part.SplitAny('-', '_'))
        {
            var isWord = IsOneWord(part[range]) || IsOneWord(part[range].TrimEnd('s'));
            hasWord |= isWord && part[range].Length > 1;
            if (part[range].Length > 3 && !isWord)
            {
                return false;
            }
        }

        return hasWord;
    }

    private bool IsOneWord(ReadOnlySpan<char> part)
    {
        var word = part.ToString();
        return (_words ??= Vocabulary()).Contains(word.ToLowerInvariant()) || _pbx.Options.HasFormat(word) || AsteriskBool.Parse(word) is not null || (_names ??= Names()).Contains(word);
    }

    // Of the version's own options: to read those of all would take as long as many an audit.
    private HashSet<string> Vocabulary() =>
    [
        .. Words,
        .. _pbx.Options.Files.SelectMany(_pbx.Options.Objects).SelectMany(static kind => kind.Options.SelectMany(static option => option.Words.Append(option.Name)).Append(kind.Kind)).Select(static word => word.ToLowerInvariant()),
    ];

    private HashSet<string> Names() =>
    [
        .. ((string[])["pjsip.conf", "acl.conf", "iax.conf", "sip.conf", "queues.conf", "voicemail.conf", "res_parking.conf", "confbridge.conf", "users.conf", "musiconhold.conf", "features.conf", "manager.conf"])
            .SelectMany(file => _pbx.Config(file).Sections).Select(static section => section.Name),
        .. Plan.Of(_pbx).Contexts.Select(static context => context.Name),
    ];

    // "[2001:db8::1]:5061", "192.0.2.0/255.255.255.0", "10.0.0.0/8".
    private static bool IsAddress(ReadOnlySpan<char> part)
    {
        var slash = part.IndexOf('/');
        var address = slash < 0 ? part : part[..slash];
        var mask = slash < 0 ? default : part[(slash + 1)..];
        return address.IndexOfAny(".:") >= 0 && (IPAddress.TryParse(address, out _) || IPEndPoint.TryParse(address, out _)) && (mask.IsEmpty || IPAddress.TryParse(mask, out _) || (mask.Length <= 3 && mask.IndexOfAnyExcept(Digits) < 0));
    }

    private static bool IsPath(ReadOnlySpan<char> part) =>
        (part.StartsWith("/") && !part.Contains('=') && !part.Contains("//", StringComparison.Ordinal)) || part.EndsWith(".so") || part.EndsWith(".conf") || part.EndsWith(".pem") || part.EndsWith(".crt") || part.EndsWith(".key");

    private static bool IsChannel(ReadOnlySpan<char> part)
    {
        var slash = part.IndexOf('/');
        return slash > 0 && Technologies.Contains(part[..slash].ToString(), StringComparer.OrdinalIgnoreCase) && !part.Contains(':');
    }

    /// <summary>A line without its comment, where a password is often noted; of one that allows a finding so much stays as allows it.</summary>
    private static (string Line, string Allowance) WithoutComment(string line)
    {
        var text = line.Trim();
        if (CommentAt(text) is not { } at)
        {
            return (text, "");
        }

        var comment = text[at..];
        var said = comment.TrimStart(';', ' ', '\t');
        var end = said.IndexOf(')', StringComparison.Ordinal);
        return (text[..at].TrimEnd(), said.StartsWith("ringfence: allow ", StringComparison.OrdinalIgnoreCase) && end >= 0 ? $" ; {said[..(end + 1)]}" : "");
    }

    /// <summary>Where the comment begins; "\;" is a semicolon of the value.</summary>
    public static int? CommentAt(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == ';' && (at == 0 || text[at - 1] != '\\'))
            {
                return at;
            }
        }

        return null;
    }

    /// <summary>The line of a file in Asterisk's syntax; null: it says nothing that Asterisk understands, so nobody knows what it is.</summary>
    public ShownLine? Line(AsteriskFile file, int number)
    {
        if (file.LineAt(number) is null or BrokenLine)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(file.Raw(number));
        // "sippeers => odbc,asterisk,sip_peers": a driver, a database and a table, which are names. A login has an @ or a colon.
        return file.Name.EndsWith("extconfig.conf", StringComparison.Ordinal) && WithoutComment(text).Line is var bare && bare.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && !bare.StartsWith('[')
            && Array.TrueForAll(bare[(equals + 1)..].TrimStart('>', ' ', '\t').Split(','), static part => IsTable(part.Trim()))
            ? new ShownLine(bare + WithoutComment(text).Allowance, null)
            : Line(text);
    }

    private static bool IsTable(string name) => LooksNamed(name.Replace('_', '-')) || IsPath(name);
}

/// <param name="Hidden">The value that is not shown, which sentences about the line must not hold either; null: there is none, or no sentence ever holds it.</param>
internal sealed record ShownLine(string Text, string? Hidden);
