using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A mailbox of voicemail.conf.</summary>
/// <param name="Pin">As it is asked for: a minus sign before it (its owner may not change it) is none of it; empty: none is asked for.</param>
/// <remarks>voicemail.conf.sample of Asterisk 22: number => PIN,name,mail,pager,options.</remarks>
internal sealed record Mailbox(string Context, string Number, string Pin, Place Place)
{
    private static readonly string[] NoMailboxes = ["general", "zonemessages", "aliases", "fax"];

    /// <summary>None where the PINs are elsewhere (passwordlocation).</summary>
    public static IEnumerable<Mailbox> All(PbxSnapshot pbx)
    {
        var config = pbx.Config("voicemail.conf");
        if (config.Named("general").Any(static general => string.Equals(general["passwordlocation"], "spooldir", StringComparison.OrdinalIgnoreCase)))
        {
            return [];
        }

        return from context in config.Sections
               where !NoMailboxes.Contains(context.Name, StringComparer.OrdinalIgnoreCase)
               from setting in context.Settings
               where setting.Name.Length > 0 && setting.Name.All(char.IsAsciiDigit)
               let pin = setting.Value.Split(',')[0].Trim()
               select new Mailbox(context.Name, setting.Name, pin.StartsWith('-') ? pin[1..] : pin, setting.Place);
    }

    public Fault Fault(string text) => new(Place, $"mailbox {Shown.Text(Number)}@{Shown.Text(Context)}", text) { IsSecret = true };
}
