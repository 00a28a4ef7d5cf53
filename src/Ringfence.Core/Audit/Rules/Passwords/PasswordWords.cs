using System.Buffers;
using System.Collections.Frozen;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>Words that people make passwords of, in the languages that PBXs are run in. A guesser's list is longer: what is not here is not found.</summary>
internal static class PasswordWords
{
    private const string English = """
        able about access account action active admin after again agent alarm alert alpha always america angel animal answer apple april august autumn away baby back backup baker ball banana bank base
        baseball basic basket battery beach bear beauty best better beta bill billing bird birthday black block blood blue board boat body book boss bottle bottom bread bridge bright brother brown buddy build
        building business butter butterfly button cable call callcenter camera candy captain card carpet castle cats center centre chair change changeme charlie cheese cherry chicken chief child chocolate
        christmas church circle city class clean clear client clinic clock cloud club coach code coffee cold color colour come common company computer conference connect contact control cookie cool copper
        corner correct cotton country court cowboy cream create credit crystal customer daddy dance danger dark data database david december default delta demo desk desktop device dial dialer diamond digital
        dinner director doctor dogs dollar door double dragon dream driver eagle early earth east easy elephant email emergency empire energy engine england enter entry evening event ever every example
        extension family famous farm fast father february field final finance fire first fish flower flying football forest forever freedom friday friend friends front future galaxy game garden gate general
        ghost gold golden good google grand great green group guest guitar hammer hand happy harbor hard harry head health heart heaven hello help helpdesk hill home honey hope horse hospital hotel house
        human hunter info inside internal internet iron island jack january jesus john join july june justice keep keyboard kids king kitchen kitty knight lady lake land laptop large last later lawyer leader
        lemon letmein letter level library life light line lion little live local lock login london long love lovely lucky lunch machine magic mail main manager march market marketing master match
        matrix member message metal michael middle milk minute mirror mobile modem monday money monkey monster month moon more morning mother mountain mouse movie music mustang myself name nature
        network never night nobody north nothing november number ocean october office open operator orange order outside pacific page paper paradise park partner pass passcode password peace pencil pepper
        person phone phones picture pilot pirate pizza place planet play player please plus point police power present president prince princess printer private project public purple queen question queue
        quick radio rain rainbow random ranger ready real reception record remote report rescue restaurant right ring river road robot rock rocket room root rose round router royal safe sales samsung sample saturday
        school science scooter secret secure security senior september server service setup seven shadow shop short show silver simple sister skype slipknot small smart smile smith snow soccer soft software soldier
        someone south space special spider spring staff standard staple star start station steel stone storage storm story street strong student studio success sugar summer sunday sunflower sunny sunset sunshine super
        superman supervisor support surfer switch system table taxi teacher team tech telecom telephone television temp temporary tennis test tester testing thing thunder thursday ticket tiger time today together
        tomorrow tower town trade train training travel tree trial truck trunk trust tuesday turkey turtle twelve under union unit united universe user valley vanilla video village violet virtual vision
        voice voicemail voip wall water weather website wednesday week welcome west white wild window windows winner winter wizard wolf woman wonder wood word work worker workshop world yellow young zero zone
        """;

    private const string German = """
        abend anruf anschluss apfel arbeit arzt aussen auto bahnhof baum benutzer berlin beispiel berg blume bruder buero burg chef deutschland dienst donnerstag dortmund drucker durchwahl eingang empfang essen fahrrad
        familie fenster ferien feuer firma fisch fluss frankfurt frau freitag freund freunde frieden frosch fruehling fussball garten geheim geld gesundheit glueck hamburg handy haus hauptstrasse herbst hallo himmel
        hund jahr kaffee kanzlei kasse katze kennwort kinder kirche klinik koenig koeln konferenz konto krankenhaus kueche kunde kunden lager leitung liebe loewe luft mama mann markt maus meister meier mensch
        mittwoch montag morgen mueller muenchen mutter nacht nebenstelle netz neustart nummer ordnung ostern papa passwort pause pferd pforte praxis projekt rathaus regen rezeption ruhe samstag schalke schatz schloss
        schmidt schnee schneider schule schwester sicher sicherheit sommer sonne sonnenschein sonntag spiel sprache stadt standard stern strasse stuttgart tag technik telefon telefonanlage tisch tochter tuer urlaub vater
        verkauf vermittlung vertrieb verwaltung vogel wald wasser weber weihnachten welt werk werkstatt wetter wien willkommen winter wochenende woche wolke zeit zentrale zimmer zugang zuhause
        """;

    private const string Romance = """
        abril acceso agosto agua alegria amarillo amigo amigos amor amore angelo anno argentina arriba azul azzurro banco bambino barcelona beleza bella bianco bienvenido bienvenue blanco bogota bom bonjour
        brasil bureau buongiorno caballo cabinet cafe calle cambiar cambiami camino campo carlos caro carro casa cavallo centrale centralino centro chateau chaton cheval chien chocolat cidade ciao ciel ciudad clave
        clavier cliente clinica coche colegio coleur contrasena contraseña contrasinal coracao corazon cuore cuenta dezembro diciembre dimanche dinero direccion domingo doudou empresa enero entrada escola escuela españa
        espana esperanza estrela estrella etoile famiglia familia famille febrero feliz fevereiro fiesta fille flor fleur fleurs foglia foresta francia france futbol futebol gatto gato gattino giallo giardino giorno
        giovanni girasol gracias grazie guitarra hermano hermosa hijo hola hopital hospital hotel iglesia inverno invierno italia janeiro janvier jardin jeudi jueves juillet julio junio juventus lavoro libertad liberdade
        liberte lisboa loco londres luglio luna lunedi lunes lundi luz madre madrid maestro maison maman mamma manana marca mare maria mariposa marseille martes matin mejor menino mercredi mesa mexico miercoles
        milano minha monde mondo mundo musica musique napoli naranja navidad negro nina noche noel noite notte novembre novembro nuevo nuvola octubre oficina ola olivier operador ordenador otono outubro padre pagina
        palabra palavra papai paris parola partout passe password patron perro pedro piccolo playa poisson porta porto portugal prefeitura primavera principessa princesa princesse printemps prova prueba puerta queso ragazza
        rainha recepcao recepcion receptie reina reunion rio rojo roma rosa rossi rouge sabado samedi santiago santos saude secreto segredo segreto segura seguridad segurança seguro senha septiembre serveur servicio servidor
        setembro signora silva sistema societe sol soleil sole sorella stella strada telefone telefonia telefono telephonie tesoro tiempo toulouse trabajo trabalho travail usuario utente utilisateur vacances vacanze valencia
        vendas ventas verano verao verde vendredi vida vie viernes ville vino virgen vita viva voiture
        """;

    private const string Names = """
        adam adrian alberto alessandro alex alexander alexandra alexis alice alfredo amanda amelie andrea andreas andrei andres andrew angela anna annika anthony antoine antonio arthur ashley barbara benjamin bernd
        brandon brian bruno camille carla carlos carmen caroline catherine cecile charles charlotte chris christian christina christine claudia claudio cristina daniel daniela danielle dennis diana diego dieter dirk
        dominik donald edward elena elisabeth elizabeth emily emma enrico eric erika fabian federico felix fernanda fernando florian francesca francesco francisco frank franz frederic gabriel george gerhard giulia
        giuseppe gonzalo guillermo hannah hans heike heinz helena helmut henry holger ingrid isabel isabella jackson jakob james jan jason javier jean jennifer jens jessica jessie joachim johann johannes jonas jonathan
        jorge jose joseph joshua juan juergen julia julian juliana julien jurgen justin karin karl katharina katrin kevin klaus laura laurent lena leon leonardo linda lisa lorenzo luca lucas lucia luis luisa lukas manfred
        manuel marc marcel marcelo marco marcos mariana marie marina mario markus martin martina mathieu matteo matthew matthias maurice maximilian melanie melissa mercedes miguel monika monica nadine natalia
        nathan nicole nicolas nicholas nico nina norbert oliver oscar pablo paola paolo patricia patrick paul paula paulo petra peter philipp philippe pierre rafael ralf ramon raul rebecca renate ricardo richard
        robert roberto robin roland rodrigo romain ronald sabine samantha samuel sandra sandrine santiago sarah sascha sebastian sergio silvia simon simone sofia sonja sophie stefan stefanie stephan stephanie stephen steven
        susanne sylvie tanja teresa thomas tiffany tobias torsten ulrich uwe valentina valentin vanessa veronica victor victoria vincent walter werner wilhelm william wolfgang yannick
        """;

    private const string Field = """
        asterisk avaya centos cisco debian dect digium elastix fanvil fritzbox freepbx fusionpbx gateway gigaset grandstream issabel kamailio linksys linux microsip mitel panasonic patton polycom proxy raspberry
        sangoma siemens sipura snom sophos telekom trixbox ubuntu unify vicidial vodafone webrtc xlite yealink zoiper
        """;

    private const string Shortest = "any are big box bus can car cat das day dem den der die dog dos due egg ein end est far fax for fun gas get god gut hat her his hit hot how ich ist its job key las les los man max may mein mes mio mit mon mor mrs new not now old one our out own pbx per pin por que red run san sea see ser set she sie sip six sky son sun sur sus tag tea ten the too top toy tre two una und une uno use van vom von war was way web who why win you zum";

    /// <summary>In lower case.</summary>
    public static readonly string[] All = [.. $"{English} {German} {Romance} {Names} {Field}".Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Where(static word => word.Length >= ShortestWord).Distinct()];
    private static readonly FrozenSet<string> Known = All.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Small = Shortest.Split(' ').Concat(["my", "mi", "la", "le", "el", "il", "to", "no", "go", "is", "in", "on", "we", "us"]).ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> KnownSpans = Known.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> SmallSpans = Small.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly SearchValues<string> Somewhere = SearchValues.Create(All, StringComparison.Ordinal);

    public const int ShortestWord = 4;

    public static readonly int LongestWord = All.Max(static word => word.Length);

    /// <param name="text">In lower case.</param>
    public static bool StandsIn(ReadOnlySpan<char> text) => text.ContainsAny(Somewhere);

    /// <param name="text">In lower case.</param>
    public static bool IsWord(ReadOnlySpan<char> text) => KnownSpans.Contains(text);

    /// <summary>Words of two or three letters, of which there are few.</summary>
    public static bool IsSmallWord(ReadOnlySpan<char> text) => SmallSpans.Contains(text);

    /// <summary>It reads like a word of some language: vowels among consonants, written as words are. Random letters seldom do.</summary>
    public static bool LooksLikeOne(ReadOnlySpan<char> text)
    {
        if (text.Length < ShortestWord || text[1..].ContainsAnyExceptInRange('a', 'z') && text.ContainsAnyExceptInRange('A', 'Z'))
        {
            return false;
        }

        var vowels = 0;
        var consonants = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetter(c))
            {
                return false;
            }

            consonants = "aeiouyAEIOUY".Contains(c, StringComparison.Ordinal) ? 0 : consonants + 1;
            vowels += consonants == 0 ? 1 : 0;
            if (consonants > 4)
            {
                return false;
            }
        }

        return vowels * 4 >= text.Length && vowels * 3 <= text.Length * 2;
    }
}
