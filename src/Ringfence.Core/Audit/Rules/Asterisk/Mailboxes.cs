using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A line of voicemail.conf: 1001 => PIN,name,mail,pager,options.</summary>
/// <param name="Pin">As it stands there, without the - that forbids changing it. Never shown.</param>
internal sealed record Mailbox(string Context, string Number, string Pin, IReadOnlyList<string> Options, Place Place)
{
    public string Subject => $"mailbox {Shown.Text(Number, 40)}@{Shown.Text(Context, 40)}";
}

internal static class Mailboxes
{
    /// <remarks>apps/app_voicemail.c: every section but general and zonemessages is a context; with aliasescontext set, that one holds other names of mailboxes.</remarks>
    public static IEnumerable<Mailbox> Of(PbxSnapshot pbx)
    {
        var config = pbx.Config("voicemail.conf");
        var aliases = config.Named("general").Select(static section => section["aliasescontext"]).LastOrDefault() ?? "myaliases";
        if (config.Named("general").Any(static section => string.Equals(section["passwordlocation"], "spooldir", StringComparison.OrdinalIgnoreCase)))
        {
            // The PINs in force lie in the spool, mailbox by mailbox.
            return [];
        }

        return from section in config.Sections
               where section.Name is not "general" and not "zonemessages" && section.Name != aliases
               from setting in section.Settings
               where setting.Name.Length > 0 && setting.Name.All(char.IsAsciiDigit)
               let fields = setting.Value.Split(',')
               select new Mailbox(section.Name, setting.Name, fields[0].Trim().TrimStart('-'), fields.Length > 4 ? fields[4].Split('|', StringSplitOptions.TrimEntries) : [], setting.Place);
    }
}
