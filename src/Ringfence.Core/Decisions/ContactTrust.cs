using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Decisions;

/// <summary>Which addresses registered phones make trusted: single ones, never networks, and few for each account.</summary>
/// <remarks>
/// Whoever holds one password may register any text as his contact, so a contact is the weakest reason there is. What stands for it, best first: the source address of the
/// login itself, by Call-ID; the contact's host where Asterisk wrote it from the packet (rewrite_contact=yes); else the contact's host if the Via says the same, which
/// proves nothing and is right for every honest phone in the PBX's own network (<see cref="TrustEntry.IsHearsay"/>: whoever is banned could not have registered since). A phone behind NAT without rewrite_contact then gives its private address, or none: its public
/// one is known by its login only.
/// </remarks>
internal static class ContactTrust
{
    /// <summary>One thief with one password can spare this many addresses from bans, at most.</summary>
    public const int MaxPerEndpoint = 4;

    /// <param name="rewritten">The endpoints with rewrite_contact=yes; see <see cref="RewrittenContacts"/>.</param>
    /// <param name="loginSource">The address of the successful login with that endpoint and Call-ID; null if none was seen.</param>
    /// <param name="isLate">Whether the last that was seen from an address is a banned guesser's own login (<see cref="LateLogins"/>): no contact there counts whose login was not seen.</param>
    public static IReadOnlyList<TrustEntry> Entries(
        IEnumerable<RegisteredContact> contacts, DateTimeOffset now, IReadOnlySet<string> rewritten, Func<RegisteredContact, Address?> loginSource, Func<Address, bool>? isLate = null)
    {
        var entries = new Dictionary<(string Endpoint, Address Address), TrustEntry>();
        var perEndpoint = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var contact in contacts.Where(contact => contact.Expires > now).OrderByDescending(contact => contact.Expires))
        {
            var login = loginSource(contact);
            var isRewritten = rewritten.Contains(contact.Endpoint);
            if ((login ?? (isRewritten || contact.UriHost == contact.ViaHost ? contact.UriHost : null)) is not { } address || !IsOneHost(address)
                || (login is null && isLate?.Invoke(address) == true))
            {
                continue;
            }

            var isHearsay = login is null && !isRewritten;
            if (entries.TryGetValue((contact.Endpoint, address), out var known))
            {
                entries[(contact.Endpoint, address)] = known with { IsHearsay = known.IsHearsay && isHearsay };
                continue;
            }

            var count = perEndpoint.GetValueOrDefault(contact.Endpoint);
            if (count < MaxPerEndpoint)
            {
                perEndpoint[contact.Endpoint] = count + 1;
                entries[(contact.Endpoint, address)] =
                    new TrustEntry(Network.Of(address), $"registered contact of {Shown.Text(contact.Endpoint)}", TrustSource.Contact) { IsHearsay = isHearsay };
            }
        }

        return [.. entries.Values];
    }

    /// <summary>The endpoints whose contacts Asterisk rewrites to where the packet came from.</summary>
    public static IReadOnlySet<string> RewrittenContacts(string directory, IConfigFiles files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        names.UnionWith(AsteriskConfig.Read("pjsip.conf", directory, files).Sections
            .Where(section => section["type"] == "endpoint" && AsteriskBool.IsTrue(section["rewrite_contact"])).Select(section => section.Name));
        names.UnionWith(AsteriskConfig.Read("pjsip_wizard.conf", directory, files).Sections
            .Where(section => section["type"] == "wizard" && AsteriskBool.IsTrue(section["endpoint/rewrite_contact"])).Select(section => section.Name));
        return names;
    }

    // 0.0.0.0, multicast and broadcast are no phone's; :: and ff00::/8 neither.
    private static bool IsOneHost(Address address) => address.IsIPv4
        ? address.IPv4Bits >> 24 is not 0 and < 224
        : address != default && (byte)(address.High >> 56) != 0xff;
}
