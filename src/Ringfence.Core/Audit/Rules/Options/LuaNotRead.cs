using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A dialplan written in Lua.</summary>
internal static class LuaNotRead
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1118",
        Name = "lua-not-read",
        Severity = Severity.Info,
        Why = "extensions.lua is a program, which the audit does not run and does not read: what callers reach through it is not known here.",
        Fix = "Look at its contexts yourself: what guests reach, and whether a number that a caller dialled goes into Dial or a shell as it is. If it is not used, remove it and pbx_lua.so.",
        Bad = """
            ;;; extensions.lua ; here
            extensions = { default = { ["_X."] = function(c, e) app.dial("PJSIP/" .. e) end } }
            """,
        Good = """
            ;;; extensions.conf
            [default]
            exten => _X.,1,Hangup()
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/Lua-Dialplan-Configuration/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    private const string File = "extensions.lua";

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        pbx.Files.Read($"{pbx.Directory.TrimEnd('/')}/{File}") is { Length: > 0 }
            ? [new Fault(new Place(File, 0), File, "the dialplan has a part in Lua, which is not read")]
            : [];
}
